"""Dask clusters: how they are reached, what they have to agree on, how files get to them.

The scheduler of a cluster imports what its tasks name, so that nothing heavy is imported here.
"""

from adapt.cluster.agreement import Installation, installation
from adapt.cluster.client import dask_client
from adapt.cluster.shipping import SharedFiles, Shipment, call, check_worker, pack

__all__ = [
    "Installation",
    "SharedFiles",
    "Shipment",
    "call",
    "check_worker",
    "dask_client",
    "installation",
    "pack",
]
