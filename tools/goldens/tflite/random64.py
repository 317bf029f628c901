# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""The C++ standard's mt19937_64, so that both sides make the same inputs from one seed."""

_MASK = (1 << 64) - 1
_SIZE, _MIDDLE = 312, 156


class Mt19937_64:
    """Same numbers as std::mt19937_64(seed)."""

    def __init__(self, seed):
        self._state = [seed & _MASK]
        for i in range(1, _SIZE):
            last = self._state[-1]
            self._state.append((6364136223846793005 * (last ^ (last >> 62)) + i) & _MASK)
        self._next = _SIZE

    def _twist(self):
        state = self._state
        for i in range(_SIZE):
            joined = (state[i] & 0xFFFFFFFF80000000) | (state[(i + 1) % _SIZE] & 0x7FFFFFFF)
            state[i] = (state[(i + _MIDDLE) % _SIZE] ^ (joined >> 1)
                        ^ (0xB5026F5AA96619E9 if joined & 1 else 0))
        self._next = 0

    def __call__(self):
        if self._next == _SIZE:
            self._twist()
        x = self._state[self._next]
        self._next += 1
        x ^= (x >> 29) & 0x5555555555555555
        x ^= (x << 17) & 0x71D67FFFEDA60000
        x ^= (x << 37) & 0xFFF7EEE000000000
        return (x ^ (x >> 43)) & _MASK

    def codes(self, count):
        """As data::random_samples: the upper byte of each number."""
        return bytes(self() >> 56 for _ in range(count))


# The 10000th number of the default seed is in the C++ standard.
def self_check():
    engine = Mt19937_64(5489)
    for _ in range(9999):
        engine()
    assert engine() == 9981545732273789042
