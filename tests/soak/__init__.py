"""The soak: real processes under traffic, faults and troubles, and an oracle that counts what came of it. `make soak`.

plan        what is asked for: how long, how many kills and events, from which seed
vendors     the twins, which fail now and then and outlive everything
people      what people do there, and what has to come of it
post        their webhooks: late, in any order, more than once, again until they are taken
noise       very many deliveries that nobody acts on
site        the service's processes, which are started again whenever they end
life        what a process of ours is told before it lives: another clock, or a sabotage
troubles    kills, freezes, cuts, clocks and full disks, at random moments; with `proxy` and `disk`
takeovers   how long the work of the dead waits
database    what is still open, what is dead, and whether the database is whole
oracle      what was acknowledged against what is there
report      the figures
"""
