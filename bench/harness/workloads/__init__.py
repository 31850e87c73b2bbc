"""The workloads W1 to W14; each module registers the functions it offers in WORKLOADS."""

from . import auth, lists, operations, pulls, pushes

WORKLOADS = {
    "W1": pulls.manifest_get,
    "W2": pulls.heads,
    "W3": pulls.blob_pull,
    "W4": pushes.monolithic,
    "W5": pushes.chunked,
    "W6": pushes.continuous_integration,
    "W7": pushes.mixed,
    "W8": lists.tags,
    "W9": lists.catalog,
    "W10": lists.referrers,
    "W11": operations.garbage,
    "W12": operations.start_up,
    "W13": operations.memory,
    "W14": auth.tokens,
}
