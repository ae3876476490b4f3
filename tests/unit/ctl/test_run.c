/* SPDX-License-Identifier: Apache-2.0 */
/* test_run.c - commands against a clusterd: what is said, and the exit status.
 */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <clusterd/compiler.h>

#include "ctl/ctl.h"
#include "fake.h"

enum { DEADLINE_S = 20 };

static struct fake fake;
static struct run run;

#define ROW(id, name)                                                          \
	"{\"id\":" #id ",\"name\":\"" name "\",\"namespace\":\"default\","     \
	"\"instance\":" #id ",\"mode\":\"fork\",\"pid\":10" #id ","            \
	"\"status\":\"ready\",\"uptime_ms\":5,\"restarts\":0,"                 \
	"\"cpu_percent\":0,\"memory_bytes\":1024,\"listen\":[],"               \
	"\"reason\":\"\"}"

static void
start(const struct fake_answer *answers, size_t n)
{
	fake_start(&fake, answers, n);
}

#define START(...)                                                             \
	const struct fake_answer answers[] = { __VA_ARGS__ };                  \
	start(answers, COUNT(answers))

static void
expect_run(const char *words, int status, const char *out, const char *err)
{
	fake_run(&fake, words, &run);
	cr_expect_eq(run.status, status, "%s: status %d", words, run.status);
	cr_expect_not_null(
	    strstr(run.out, out), "%s: stdout \"%s\"", words, run.out);
	cr_expect_not_null(
	    strstr(run.err, err), "%s: stderr \"%s\"", words, run.err);
}

static void
expect_request(const char *text)
{
	cr_expect_not_null(
	    strstr(fake.requests, text), "requests: %s", fake.requests);
}

Test(run, status_and_ping)
{
	START({ "status", "",
		  "\"result\":{\"clusterd\":{\"state\":\"running\"},"
		  "\"workers\":[" ROW(0, "api") "]}" },
	    { "ping", "", "\"result\":{\"pong\":true,\"pid\":10}" });
	expect_run("status", CTL_DONE, "api", "");
	expect_run("ls --json", CTL_DONE, "{\"clusterd\":{", "");
	expect_run("pid api", CTL_DONE, "100\n", "");
	expect_run("pid", CTL_DONE, "10\n", "");
	expect_run("ping", CTL_DONE, "pong", "");
	fake_stop(&fake);
}

Test(run, nothing_there_is_an_error_only_when_asked_for)
{
	START({ "status", "",
	    "\"result\":{\"clusterd\":{\"config\":\"/e.yaml\"},"
	    "\"workers\":[]}" });
	expect_run("status", CTL_DONE, "no workers in /e.yaml", "");
	expect_run("status apix", CTL_FAILED, "", "nothing matches apix");
	expect_run("pid apix", CTL_FAILED, "", "nothing matches apix");
	fake_stop(&fake);
}

Test(run, codes_become_exit_statuses)
{
	START({ "stop", "",
		  "\"error\":{\"code\":2,\"message\":\"no app matches "
		  "\\\"x\\\"\"}" },
	    { "reload", "",
		"\"error\":{\"code\":4,\"message\":\"nothing was changed\","
		"\"data\":{\"errors\":[\"/e.yaml:3:1: bad key\"]}}" },
	    { "start", "", "\"error\":{\"code\":-32602,\"message\":\"p\"}" },
	    { "kill", "", "\"error\":{\"code\":5,\"message\":\"denied\"}" },
	    { "ping", "", "" });
	expect_run("stop x", CTL_FAILED, "", "no app matches \"x\"");
	expect_run("reload", CTL_BAD_CONFIG, "", "/e.yaml:3:1: bad key");
	expect_run("start x", CTL_USAGE, "", "p");
	expect_run("kill", CTL_FAILED, "", "denied");
	expect_run("ping", CTL_FAILED, "", "closed the connection");
	fake_stop(&fake);
}

Test(run, no_clusterd_there)
{
	START({ "ping", "", "" });
	fake_stop(&fake);
	snprintf(fake.dir, sizeof(fake.dir), "/tmp/clusterd-ctl-XXXXXX");
	cr_assert_not_null(mkdtemp(fake.dir));
	snprintf(fake.path, sizeof(fake.path), "%s/none", fake.dir);
	expect_run("status", CTL_NO_SERVER, "", "no clusterd is running at");
	expect_run("version", CTL_NO_SERVER, "clusterctl ", "");
	fake_remove(&fake);
}

Test(run, a_change_waits_and_says_what_was_done)
{
	static const char done[] = "\"result\":{\"done\":2,\"failed\":0,"
				   "\"errors\":[]}";
	static const char steps[] =
	    "{\"jsonrpc\":\"2.0\",\"method\":\"progress\",\"params\":"
	    "{\"text\":\"api[0]: ready after 41 ms\"}}\n";

	START({ "restart", steps, done }, { "reload", "", done },
	    { "stop", "", done }, { "kill", "", done });
	expect_run("restart api web", CTL_DONE,
	    "restarted api,web: 2 workers ready", "");
	cr_expect_str_empty(run.err, "silent when it is no terminal");
	expect_request("\"selector\":\"api,web\"");
	expect_run("restart api --verbose", CTL_DONE, "restarted api",
	    "api[0]: ready after 41 ms\n");
	expect_run("reload", CTL_DONE, "reloaded: 2 workers replaced", "");
	expect_run("stop all --json", CTL_DONE, "{\"done\":2,", "");
	expect_run("stop all --quiet", CTL_DONE, "", "");
	cr_expect_str_empty(run.out);
	expect_run("kill --fast", CTL_DONE, "clusterd has ended", "");
	expect_request("\"fast\":true");
	fake_stop(&fake);
}

Test(run, a_change_that_fails_says_why)
{
	START({ "reload", "",
		  "\"error\":{\"code\":1,\"message\":\"1 of 2 failed\","
		  "\"data\":{\"done\":1,\"failed\":1,\"errors\":"
		  "[\"api[1]: exited with status 1\"]}}" },
	    { "start", "",
		"\"result\":{\"done\":1,\"failed\":1,\"errors\":"
		"[\"api[1]: never ready\"]}" });
	expect_run("reload api", CTL_FAILED, "",
	    "clusterctl: api[1]: exited with status 1\n"
	    "clusterctl: 1 of 2 failed\n");
	expect_run("reload api --json", CTL_FAILED, "{\"done\":1,", "");
	expect_run("start api", CTL_FAILED, "", "api[1]: never ready");
	fake_stop(&fake);
}

/* Shared by the test and a clusterd in a process of its own. */
struct apart {
	struct fake fake;
	_Atomic bool is_up;
};

/* It answers, and needs a while to go. */
static void
serve_apart(struct apart *a, const struct fake_answer *answers, size_t n)
{
	alarm(DEADLINE_S); /* a fork does not inherit it */
	fake_start(&a->fake, answers, n);
	a->is_up = true;
	while (strstr(a->fake.requests, "\"kill\"") == NULL)
		usleep(1000);
	usleep(200 * 1000);
	/* Not an end of the test, which would sum up. */
	kill(getpid(), SIGKILL);
}

Test(run, kill_returns_when_clusterd_has_ended)
{
	const struct fake_answer answers[] = { { "kill", "",
	    "\"result\":{\"done\":1,\"failed\":0,\"errors\":[]}" } };
	struct apart *a = mmap(NULL, sizeof(*a), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	alarm(DEADLINE_S);
	cr_assert_neq(a, MAP_FAILED);
	pid = fork();
	cr_assert_neq(pid, -1);
	if (pid == 0)
		serve_apart(a, answers, COUNT(answers));
	while (!a->is_up)
		usleep(1000);
	fake_run(&a->fake, "kill", &run);
	cr_expect_eq(waitpid(pid, NULL, WNOHANG), pid, "it has ended");
	cr_expect_eq(run.status, CTL_DONE, "%s", run.err);
	cr_expect_not_null(strstr(run.out, "clusterd has ended"));
	fake_remove(&a->fake);
	munmap(a, sizeof(*a));
}

Test(run, scale_says_where_to)
{
	START({ "status", "",
		  "\"result\":{\"workers\":[" ROW(0, "api") "," ROW(
		      1, "api") "]}" },
	    { "scale", "", "\"result\":{\"done\":6,\"failed\":0}" });
	expect_run(
	    "scale 8", CTL_DONE, "scaled api to 8: 6 workers started", "");
	expect_request("\"to\":8");
	expect_run("scale api +6", CTL_DONE, "scaled api to 8", "");
	expect_request("\"by\":6");
	expect_run(
	    "scale api -1", CTL_DONE, "scaled api to 1: 6 workers stopped", "");
	expect_request("\"by\":-1");
	expect_run("scale -- -1", CTL_DONE, "scaled api to 1", "");
	expect_run("scale api many", CTL_USAGE, "", "not \"many\"");
	fake_stop(&fake);
}

Test(run, scale_of_several_apps_names_them)
{
	START({ "status", "",
		  "\"result\":{\"workers\":[" ROW(0, "api") "," ROW(
		      1, "web") "," ROW(2, "api") "]}" },
	    { "scale", "", "\"result\":{\"done\":6,\"failed\":0}" });
	expect_run("scale 4", CTL_USAGE, "", "several apps (api, web)");
	cr_expect_null(strstr(fake.requests, "\"scale\""));
	fake_stop(&fake);
}

Test(run, signals_go_by_name_or_number)
{
	START({ "signal", "", "\"result\":{\"done\":2}" });
	expect_run(
	    "sendSignal USR2 api", CTL_DONE, "sent USR2 to 2 workers", "");
	expect_request("\"signal\":\"USR2\"");
	expect_run("signal 12 api web", CTL_DONE, "", "");
	expect_request("\"signal\":12");
	expect_request("\"selector\":\"api,web\"");
	fake_stop(&fake);
}

Test(run, a_signal_that_nobody_got_is_a_failure)
{
	START({ "signal", "", "\"result\":{\"done\":0}" });
	expect_run("signal USR2 api", CTL_FAILED, "", "none of these workers");
	expect_run("signal USR2 api --json", CTL_FAILED, "{\"done\":0}\n", "");
	fake_stop(&fake);
}

Test(run, env_is_printed_as_a_shell_has_it)
{
	START(
	    { "env", "", "\"result\":{\"env\":{\"A\":\"1\",\"B\":\"x y\"}}" });
	expect_run("env api", CTL_DONE, "A=1\nB=x y\n", "");
	expect_run("env api --json", CTL_DONE, "{\"A\":\"1\"", "");
	fake_stop(&fake);
}

Test(run, jlist_asks_once_for_all_and_once_an_app)
{
	START({ "describe", "",
		  "\"result\":{\"workers\":[" ROW(0, "api") "," ROW(
		      1, "api") "," ROW(2, "web") "]}" },
	    { "env", "", "\"result\":{\"env\":{\"A\":\"1\"},\"instance\":0}" });
	const char *at = fake.requests;
	size_t n = 0;

	expect_run("jlist", CTL_DONE, "[{\"pid\":100,\"name\":\"api\"", "");
	cr_expect_not_null(strstr(run.out, "\"pm_id\":2"));
	for (; (at = strstr(at, "\"method\"")) != NULL; at++)
		n++;
	cr_expect_eq(n, 3);
	fake_stop(&fake);
}

static void
write_logs(void)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/out.log", fake.dir);
	f = fopen(path, "w");
	fputs("{\"timestamp\":\"2026-11-20T07:00:01.000Z\",\"type\":\"out\","
	      "\"app_name\":\"api\",\"process_id\":0,\"message\":\"one\"}\n"
	      "{\"timestamp\":\"2026-11-20T07:00:03.000Z\",\"type\":\"out\","
	      "\"app_name\":\"api\",\"process_id\":0,\"message\":\"three\"}\n",
	    f);
	fclose(f);
	snprintf(path, sizeof(path), "%s/err.log", fake.dir);
	f = fopen(path, "w");
	fputs("{\"timestamp\":\"2026-11-20T07:00:02.000Z\",\"type\":\"err\","
	      "\"app_name\":\"api\",\"process_id\":1,\"message\":\"two\"}\n",
	    f);
	fclose(f);
}

Test(run, logs_shows_the_last_lines_in_the_order_of_time)
{
	static char body[1024];
	const struct fake_answer answers[] = { { "logs", "", body } };

	start(answers, 1);
	write_logs();
	snprintf(body, sizeof(body),
	    "\"result\":{\"files\":[{\"app\":\"api\",\"type\":\"out\","
	    "\"format\":\"json\",\"path\":\"%s/out.log\"},{\"app\":\"api\","
	    "\"type\":\"err\",\"format\":\"json\",\"path\":\"%s/err.log\"},"
	    "{\"app\":\"api\",\"type\":\"out\",\"format\":\"json\","
	    "\"path\":\"%s/none.log\"}]}",
	    fake.dir, fake.dir, fake.dir);
	expect_run("logs --nostream", CTL_DONE,
	    "0|api | one\n1|api | two\n0|api | three\n", "");
	expect_run(
	    "logs --nostream --lines 2 --raw", CTL_DONE, "two\nthree\n", "");
	cr_expect_null(strstr(run.out, "one"));
	expect_run("logs --nostream --err", CTL_DONE, "1|api | two\n", "");
	cr_expect_null(strstr(run.out, "three"));
	expect_run(
	    "logs --nostream --json 1", CTL_DONE, "\"message\":\"two\"}\n", "");
	cr_expect_null(strstr(run.out, "three"));
	expect_run("logs --nostream --lines 0", CTL_DONE, "", "");
	cr_expect_str_empty(run.out);
	fake_stop(&fake);
}

/* It would be read for ever, and printed. */
Test(run, logs_of_a_device_are_not_read)
{
	alarm(DEADLINE_S);
	START({ "logs", "",
	    "\"result\":{\"files\":[{\"app\":\"api\",\"type\":\"out\","
	    "\"format\":\"json\",\"path\":\"/dev/zero\"}]}" });
	expect_run("logs", CTL_FAILED, "", "/dev/zero is no regular file");
	cr_expect_str_empty(run.out);
	fake_stop(&fake);
}

Test(run, logs_of_no_file_is_an_error)
{
	START({ "logs", "", "\"result\":{\"files\":[]}" });
	expect_run("logs", CTL_FAILED, "", "no log file");
	fake_stop(&fake);
}

Test(run, schema_and_help_need_no_server)
{
	START({ "x", "", "" });
	expect_run("schema", CTL_DONE, "{", "");
	expect_run("help", CTL_DONE, "usage: clusterctl", "");
	expect_run("help scale", CTL_DONE, "[app] N|+N|-N", "");
	expect_run("help scael", CTL_USAGE, "", "did you mean \"scale\"");
	cr_expect_eq(fake.len, 0);
	fake_stop(&fake);
}
