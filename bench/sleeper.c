/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sleeper.c - the smallest worker: says that it is ready, and sleeps.
 */
#include <stdlib.h>
#include <unistd.h>

int
main(void)
{
	static const char ready[] = "clusterd/1 ready\n";
	const char *fd = getenv("CLUSTERD_CHANNEL_FD");

	if (fd && write(atoi(fd), ready, sizeof(ready) - 1) == -1)
		return 1;
	for (;;)
		pause();
}
