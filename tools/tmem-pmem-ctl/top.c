// SPDX-License-Identifier: GPL-2.0
/*
 * The verb "top": what the modules hold and do now, in the terminal.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "command.h"
#include "kernel.h"
#include "latency.h"
#include "paths.h"
#include "rates.h"
#include "say.h"
#include "units.h"

#define BAR_WIDTH	24

static const char *seconds_text = "2", *times_text;

const struct ctl_option top_options[] = {
	{ "delay", 'd', CTL_STRING, &seconds_text, "SECONDS", "between two looks, 2 by default" },
	{ "lines", 'n', CTL_STRING, &times_text, "N", "end after N looks" },
	{ 0 }
};

/* What the terminal was like; and is it one, on both sides? */
static struct termios cooked;
static bool is_terminal;

/* The terminal, opened once more: a write to it does not wait while it is stopped. */
static int screen;

/* Not blocked while something is waited for. */
static sigset_t signals;

/* What is shown next, written to the terminal in one piece. */
static FILE *out;

static volatile sig_atomic_t interrupted;

/* At the end of each line: what is left of the line before goes. */
static const char *end_of_line(void)
{
	return is_terminal ? "\033[K\n" : "\n";
}

static void print_swap(double seconds)
{
	unsigned long long pages = rates_value("frontswap/curr_pages");
	unsigned long long lost = rates_value("tmem/lost_pages");
	char path[PATH_MAX], state[ATTR_TEXT_BYTES], size[SIZE_TEXT_BYTES];

	path_sys(path, "kernel/mm/tmem/state");
	if (attr_read(path, state) <= 0)
		strcpy(state, "?");
	fprintf(out, "swap    %s, %llu pages held (%s)", state, pages, format_size(pages * PAGE_BYTES, size));
	if (lost)
		fprintf(out, ", %llu LOST", lost);
	fputs(end_of_line(), out);
	fprintf(out, "        stored %.0f/s  loaded %.0f/s  refused %.0f/s  freed %.0f/s  written back %.0f/s%s",
	       rates_per_second("tmem/stats/stores", seconds), rates_per_second("tmem/stats/loads", seconds),
	       rates_per_second("tmem/refused", seconds),
	       rates_per_second("tmem/stats/invalidates", seconds),
	       rates_per_second("tmem/stats/written_back", seconds), end_of_line());
}

static void print_latency(const char *door)
{
	char half[LATENCY_TEXT_BYTES], most[LATENCY_TEXT_BYTES];
	struct latency latency;

	if (!latency_read(door, &latency) || !latency.total)
		return;
	fprintf(out, "        a %s: half below %s, 99 %% below %s%s", door,
	       latency_format(latency_below_ns(&latency, 0.5), half),
	       latency_format(latency_below_ns(&latency, 0.99), most), end_of_line());
}

/* "[######........]  43 %" */
static void print_bar(unsigned long long used, unsigned long long all)
{
	unsigned int width = all ? (unsigned int)(used * BAR_WIDTH / all) : 0;
	unsigned int i;

	fputc('[', out);
	for (i = 0; i < BAR_WIDTH; i++)
		fputc(i < width ? '#' : '.', out);
	fprintf(out, "] %3llu %%", all ? used * 100 / all : 0);
}

static unsigned long long device_value(const char *devices, const char *name, const char *file)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s/%s", devices, name, file);
	return rates_value(path);
}

static double device_rate(const char *devices, const char *name, const char *file, double seconds)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s/%s", devices, name, file);
	return rates_per_second(path, seconds);
}

static void print_pmem(const char *name, double seconds)
{
	const char *devices = "tmem_pmem/devices";
	unsigned long long slots = device_value(devices, name, "slots");
	unsigned long long bad = device_value(devices, name, "slots_quarantined");
	unsigned long long clean = device_value(devices, name, "clean_pages");
	char size[SIZE_TEXT_BYTES];

	(void)seconds;
	fprintf(out, "  %-12s %12s  ", name, format_size(slots * PAGE_BYTES, size));
	print_bar(device_value(devices, name, "slots_used"), slots);
	if (clean)
		fprintf(out, "  %llu of them of files", clean);
	if (bad)
		fprintf(out, "  %llu slots bad", bad);
	fputs(end_of_line(), out);
}

static void print_ssd(const char *name, double seconds)
{
	const char *devices = "tmem_ssd/devices";
	unsigned long long segments = device_value(devices, name, "segments");
	unsigned long long errors = device_value(devices, name, "stats/io_errors") +
				    device_value(devices, name, "stats/checksum_errors");
	double written = device_rate(devices, name, "stats/bytes_written", seconds);
	double read = device_rate(devices, name, "stats/bytes_read", seconds);
	char size[SIZE_TEXT_BYTES];

	fprintf(out, "  %-12s %12s  ", name, format_size(segments << 20, size));
	print_bar(device_value(devices, name, "pages"), segments << 8);
	fprintf(out, "  written %.1f MiB/s  read %.1f MiB/s", written / (1 << 20), read / (1 << 20));
	if (errors)
		fprintf(out, "  %llu errors", errors);
	fputs(end_of_line(), out);
}

struct printing {
	double seconds;
	void (*print)(const char *name, double seconds);
};

static int visit_device(const char *name, void *data)
{
	const struct printing *printing = data;

	printing->print(name, printing->seconds);
	return 0;
}

static void each_device(const char *devices, double seconds, void (*print)(const char *name, double seconds))
{
	struct printing printing = { .seconds = seconds, .print = print };

	path_each_sys(devices, visit_device, &printing);
}

static void print_files(double seconds)
{
	double gets = rates_per_second("tmem/clean_stats/gets", seconds);
	double misses = rates_per_second("tmem/clean_stats/misses", seconds);

	fputs("files   ", out);
	if (kernel_has_module(MODULE_SSD))
		fprintf(out, "%llu pages cached on SSDs%s        ", rates_value("tmem_ssd/index_pages"),
			end_of_line());
	fprintf(out, "put %.0f/s  got %.0f/s  missed %.0f/s",
	       rates_per_second("tmem/clean_stats/puts", seconds), gets, misses);
	if (gets + misses > 0)
		fprintf(out, "  hits %.0f %%", 100 * gets / (gets + misses));
	fputs(end_of_line(), out);
}

static int has_share(const char *name, void *data)
{
	unsigned long long percent;
	char file[PATH_MAX];
	bool *found = data;

	snprintf(file, sizeof(file), "tmem_pmem/devices/%s/clean_percent", name);
	if (!kernel_read_u64(file, &percent) && percent)
		*found = true;
	return 0;
}

static void print_all(double seconds)
{
	bool files = kernel_has_module(MODULE_SSD);

	print_swap(seconds);
	print_latency("store");
	print_latency("load");
	each_device("kernel/mm/tmem_pmem/devices", seconds, print_pmem);
	kernel_each_device(has_share, &files);
	if (files)
		print_files(seconds);
	each_device("kernel/mm/tmem_ssd/devices", seconds, print_ssd);
}

/* Has somebody pressed q, or Control-C? */
static bool wants_out(void)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	char key;

	while (poll(&input, 1, 0) > 0) {
		/* Or the terminal has gone. */
		if (read(STDIN_FILENO, &key, 1) != 1)
			return true;
		if (key == 'q' || key == 'Q')
			return true;
	}
	return interrupted;
}

/* Write to the terminal, until a signal ends it. */
static void put(const char *text, size_t length)
{
	struct pollfd output = { .fd = screen, .events = POLLOUT };
	ssize_t count;

	while (length && !interrupted) {
		count = write(screen, text, length);
		if (count < 0 && errno != EAGAIN)
			return;
		if (count < 0) {
			ppoll(&output, 1, NULL, &signals);
			continue;
		}
		text += count;
		length -= count;
	}
}

/* The first look is for the rates of the second; a terminal shows it, not to be empty meanwhile. */
static void look(double seconds, unsigned long time)
{
	size_t length;
	char *text;

	out = open_memstream(&text, &length);
	if (!out)
		return;
	if (is_terminal)
		fputs("\033[H", out);
	else if (time)
		fputc('\n', out);
	print_all(seconds);
	if (is_terminal)
		fputs("\033[Jq ends", out);
	fclose(out);
	if (is_terminal)
		put(text, length);
	else if (seconds > 0)
		fwrite(text, 1, length, stdout);
	fflush(stdout);
	free(text);
}

static void on_signal(int signal)
{
	(void)signal;
	interrupted = 1;
}

/* Signals that end it come while it waits, and then only. */
static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

/* A screen of its own, and keys as they are pressed. */
static void begin_screen(void)
{
	static const char begin[] = "\033[?1049h\033[?25l\033[2J";
	struct sigaction action = { .sa_handler = on_signal };
	struct termios raw = cooked;
	sigset_t blocked;
	size_t i;

	sigemptyset(&blocked);
	for (i = 0; i < sizeof(ending) / sizeof(ending[0]); i++) {
		sigaddset(&blocked, ending[i]);
		sigaction(ending[i], &action, NULL);
	}
	sigprocmask(SIG_BLOCK, &blocked, &signals);
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	/* Stopped, it would leave the terminal as no shell wants it. */
	raw.c_cc[VSUSP] = _POSIX_VDISABLE;
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	screen = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (screen < 0)
		screen = STDOUT_FILENO;
	put(begin, strlen(begin));
}

static void end_screen(void)
{
	static const char end[] = "\033[?25h\033[?1049l";

	tcsetattr(STDIN_FILENO, TCSANOW, &cooked);
	if (!interrupted)
		put(end, strlen(end));
	else if (write(screen, end, strlen(end)) < 0)
		return;	/* it is stopped, or gone */
}

int run_top(char **arguments)
{
	const struct rates_wake wake = { STDIN_FILENO, &signals, wants_out };
	unsigned long times;
	double seconds;
	bool there;
	int status;

	(void)arguments;
	if (kernel_core_check())
		return EXIT_FAILURE;
	status = rates_parse(seconds_text, times_text, &seconds, &times);
	if (status)
		return status;
	is_terminal = isatty(STDOUT_FILENO) && !tcgetattr(STDIN_FILENO, &cooked);
	if (is_terminal)
		begin_screen();
	there = rates_run(seconds, times, is_terminal ? &wake : NULL, look);
	if (is_terminal)
		end_screen();
	return there ? 0 : fail("the module tmem has gone");
}
