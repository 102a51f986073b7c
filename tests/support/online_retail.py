"""Files of the "Online Retail" format: lines made by hand, and the real one."""

from pathlib import Path

from workers.imports.online_retail.fields import COLUMNS

HEADER = ",".join(COLUMNS)
REAL_FOLDER = Path(__file__).parents[2].parent / "shared" / "data" / "online-retail-2011"
REAL_FILE = REAL_FOLDER / "online_retail_2010-12_2011-12.csv.gz"


def line(
    invoice: str = "536365",
    code: str = "22556",
    quantity: int | str = 1,
    price: str = "1.65",
    *,
    customer: str = "17850",
    description: str = "PLASTERS IN TIN",
    at: str = "2010-12-01 08:26:00",
    country: str = "United Kingdom",
) -> str:
    return f"{invoice},{code},{description},{quantity},{at},{price},{customer},{country}"


def text_of(*lines: str) -> bytes:
    return "\n".join([HEADER, *lines, ""]).encode()
