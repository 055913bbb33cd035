"""BGP itself: which route a router selects, and how routes spread through a network."""
