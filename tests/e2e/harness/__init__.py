# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests share: real processes, real sockets, deadlines."""
