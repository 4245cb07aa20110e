"""Looking around in several spaces at once: neighbours and analogies, and a page that shows them.

The functions need nothing beyond the package; the page, in `adapt.explorer.page`, is an extra.
"""

from adapt.explorer.nearby import (
    Neighbor,
    Neighborhood,
    analogy,
    common_words,
    neighborhoods,
    neighbors,
)

__all__ = ["Neighbor", "Neighborhood", "analogy", "common_words", "neighborhoods", "neighbors"]
