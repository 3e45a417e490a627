from tests.web.test_outbox import *
from tests.web.test_outbox import House
from tests.web import test_archives as TA
from tests.publish.subscriber import Push
from syndication.web.front import Front
from syndication.web.parts import KEY

@pytest.fixture
def house(exchange):
    return House(exchange, exchange.token("trc"))

def test_narrow_widen_since(house):
    s = house.exchange.settings
    house.publish("Old")
    house.exchange.clock.pass_by(minutes=5)
    first = house.ask("/feeds/to-trc.atom?since=")
    print(first.headers["Link"])
    import re
    nxt = re.search(r'<([^>]*)>; rel="next"', first.headers["Link"]).group(1)
    house.publish("Viet", language="vi")
    house.exchange.clock.pass_by(minutes=5)
    first_a = AGREEMENTS[0]
    def amend(v, langs):
        grants = (first_a.grants[0], grant(clause="2.3", direction=Direction.OUTBOUND, languages=langs, terms=FREE))
        with house.exchange.database.write() as tx:
            agreements.sign(tx, replace(first_a, version=v, since=house.exchange.clock().date(), grants=grants), house.exchange.clock(), "test")
    house.exchange.clock.pass_by(days=1)
    amend(2, ("en",))
    p = nxt.split(".example",1)[-1] if ".example" in nxt else nxt.split("://",1)[1].partition("/")[2]
    from urllib.parse import urlsplit
    def go(u):
        x = urlsplit(u); return x.path + "?" + x.query
    a = house.ask(go(nxt)); print(titles(a), a.headers["Link"])
    nxt2 = re.search(r'<([^>]*)>; rel="next"', a.headers["Link"]).group(1)
    house.exchange.clock.pass_by(days=1)
    amend(3, ("en","vi"))
    b = house.ask(go(nxt2)); print("after widen since", titles(b))
    print("feed", titles(house.ask()))
    assert 0
def test_flow_moved(house):
    print(house.ask("/feeds/to-trc.atom").status_code)
    push = Push.__new__(Push)
    push.exchange = house.exchange
    from tests.publish.subscriber import Network, KEY
    from syndication.publish.pusher import Pusher
    push.network = Network(); push.token = house.token
    push.pusher = Pusher(house.exchange.database, push.network, house.exchange.settings, KEY, house.exchange.clock, lambda: 0.0)
    made = push.subscribe()
    moved = replace(TO_TRC, partner="azertac", agreement="vna-azertac-2025")
    with house.exchange.database.write() as tx:
        partners.take(tx, PARTNERS, tuple(moved if f.id == moved.id else f for f in FLOWS), NOW)
    push.publish("For azertac only")
    push.work()
    print(push.network.sent, push.state(made.id))
    assert 0
