"""Mail that waits for somebody, as the administrator reads it."""

from checks import require


def newest_mail(hub, address):
    """What the newest mail that waits for `address` says."""
    mails, cursor = [], {}
    while cursor is not None:
        page = hub.get("/api/berth/v1/admin/mail", limit=200, **cursor).expect(200)
        mails += [mail for mail in page["items"] if mail["to"] == address]
        cursor = {"cursor": page["next"]} if page["next"] else None
    require(mails, f"no mail waits for {address}")
    return mails[-1]["text"]
