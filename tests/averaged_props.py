"""A blueprint of players whose few games tell the pooled model from what is usual.

Beside the exponential average they can't, so that nobody would get a model of its own.
"""

from dataclasses import replace

from blueprints.player_props import PLAYER_PROPS

AVERAGED = replace(PLAYER_PROPS, baselines=PLAYER_PROPS.baselines[:1])
