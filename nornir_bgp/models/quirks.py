"""What FRR does because of a fault, and a model of it has to do likewise."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FrrQuirks:
    """The faults of one router's FRR that show in BGP tables.

    The defaults are those of FRR 8.4, on which each was measured. Which other versions have them
    was read in FRR's source and pull requests (``FRR #n``), and was not measured. Where a mend may
    have been ported back, or it is not known which of two versions got it first, the fault is taken
    to be there.

    Attributes:
        reflected_med: a reflector that is the first to reflect a route adds MED 0 to one without
            MED: it means to mark the ORIGINATOR_ID as present, and marks a MED in its place
            (``subgroup_announce_check`` in ``bgpd/bgp_route.c``). FRR #19918 mended it in 10.5; for
            10.2 to 10.4 it was asked for.
        zero_med_is_none: a neighbour is told nothing where only "no MED" becomes "MED 0", or the
            other way round: what was sent last is known by a hash in which both are the same
            (``bgp_adj_out_set_subgroup`` in ``bgpd/bgp_updgrp_adv.c``). FRR #20325 mended it after
            10.5; the first version that has it for certain is 10.7.
        aggregate_by_head: an aggregate is not made beside a route of the same origin, AS path and
            communities that heads the prefix's list: that one is taken for the aggregate
            (``bgp_aggregate_install`` in ``bgpd/bgp_route.c``). FRR #13564 mended it; the first
            version that has it for certain is 10.0.
        aggregate_next_hop_is_ipv6: an aggregate's next hop is shown as ``::``, since it is marked
            as an IPv6 one (``bgp_attr_aggregate_intern`` in ``bgpd/bgp_attr.c``). Mended in the
            source of 10.0.
    """

    reflected_med: bool = True
    zero_med_is_none: bool = True
    aggregate_by_head: bool = True
    aggregate_next_hop_is_ipv6: bool = True


FRR_8_4 = FrrQuirks()
"""The faults of FRR 8.4: all of them."""

NO_QUIRKS = FrrQuirks(
    reflected_med=False,
    zero_med_is_none=False,
    aggregate_by_head=False,
    aggregate_next_hop_is_ipv6=False,
)
"""None of them."""
