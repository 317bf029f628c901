# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""The one exception the exporter raises for models it cannot express."""


class ExportError(Exception):
    """A model that cannot be exported. The message is one line naming the layer and what to do."""
