"""Similar wishes: what others asked for that is much the same, found on this machine, by meaning or by shared words.

    similar("CSVに部署コードを出したい", most=3, but=[12])      # the three that are closest, if they are close enough
    like(12, most=5, least=ANY)                                  # the five closest to a wish, however far
    catch_up()                                                   # every wish has its vector now

Which of them answers, `similar.engine` says. What was merged into what, and what people found not to be the same, the
database says at the moment of asking.
"""

from workflows.wish.similar.matching import ANY, LIKELY, PERHAPS, Match
from workflows.wish.similar.search import forget, like, similar
from workflows.wish.similar.vectors import catch_up

__all__ = ["ANY", "LIKELY", "PERHAPS", "Match", "catch_up", "forget", "like", "similar"]
