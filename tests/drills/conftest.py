import contextlib

import pytest

from support.drill import Stack


@pytest.fixture(autouse=True)
def no_unexpected_errors():
    """Errors are what drills are about; the stack's own services still answer for the rest
    (support/drill.py)."""


@pytest.fixture(scope="module")
def make_stack():
    """Stacks for the drills of one file."""
    with contextlib.ExitStack() as stacks:

        def make(**settings):
            stack = Stack(**settings)
            stacks.callback(stack.close)
            return stack

        yield make
