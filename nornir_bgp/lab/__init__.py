"""The built-in lab: real FRR and OpenSSH in Linux namespaces, without root and without Docker."""
