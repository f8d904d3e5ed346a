import time
from tests.crash.test_processes import *
from tests.crash.test_processes import _times
import sqlalchemy as sa


@pytest.mark.parametrize("i", range(15))
def test_two(company, i):
    workers = {company.start("worker").number for _ in range(2)}
    until(lambda: company.workers() == workers, "both have started")
    for chat in company.stage.chats:
        company.stage.intercom.tag(chat, "", "要望", "7001")
    t = time.time()
    try:
        company.settle()
    except AssertionError:
        for r in company.rows(Run):
            if r.state == "open":
                print(r)
        with company.engine.connect() as c:
            for row in c.execute(
                sa.text(
                    "select workflow_uuid,status,executor_id,delay_until_epoch_ms,created_at,error from dbos.workflow_status where status not in ('SUCCESS')"
                )
            ):
                print(row)
        print(company.log.read_text()[-3000:])
        print([(n, len(tw.held)) for n, tw in company.stage.twins.items()])
        raise
    print(time.time() - t)
