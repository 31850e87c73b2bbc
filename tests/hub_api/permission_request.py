"""One call of an operation, as the permission walk makes it."""

UNKNOWN_UUID = "00000000-0000-4000-8000-000000000000"


class Request:
    def __init__(self, body=None, headers=None, hub=None, also=(), **path):
        self.body, self.headers, self.path = body, headers, path
        self.hub = hub      # instead of the caller's, for what ends a session or uses an account up
        self.also = also    # statuses beside 2xx that say as well: you may
