#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A worker that any shell can be: says it is ready, then waits for its end.
trap 'exit 0' TERM INT
echo "hello from $name"
echo "clusterd/1 ready" >&"$CLUSTERD_CHANNEL_FD"
echo "clusterd/1 status waiting for work" >&"$CLUSTERD_CHANNEL_FD"
while :; do
	sleep 1000 &
	wait $!
done
