// SPDX-License-Identifier: GPL-2.0-only
/* Printing what differs between two snapshots. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "base/snapfile.h"
#include "diff.h"
#include "nyxctl.h"

/* Numbers with more digits may exceed what a program can read. */
#define DIGITS 18

static bool is_count(const char *text)
{
	size_t length = text ? strlen(text) : 0;

	return length && length <= DIGITS && !text[strspn(text, "0123456789")];
}

/* Sets @difference and returns true if both values are whole numbers. */
static bool difference_of(const struct change *change, long long *difference)
{
	if (!change->field || !is_count(change->before) || !is_count(change->after))
		return false;
	*difference = strtoll(change->after, NULL, 10) - strtoll(change->before, NULL, 10);
	return true;
}

/**
 * change_in_words() - describe something that differs
 * @change: what differs
 *
 * Return: one line, which the caller frees.
 */
char *change_in_words(const struct change *change)
{
	const char *type = change->type, *object = change->object, *field = change->field;
	const char *before = change->before, *after = change->after;
	const char *details = after ? after : before;
	bool described = details && *details;

	if (!strcmp(type, "boot"))
		return text_of("the machine was booted in between");
	if (!field)
		return text_of("%s %s is %s%s%s", type, object, after ? "new" : "gone",
			       described ? ": " : "", described ? details : "");
	if (before && after)
		return text_of("%s %s: %s was %s, is %s", type, object, field, before, after);
	if (before || after)
		return text_of("%s %s: %s was %s", type, object, field,
			       after ? "added" : "removed");
	return text_of("%s %s: the %s differs", type, object, field);
}

static void print_counter(const struct change *counter)
{
	long long difference;
	char *text;

	if (difference_of(counter, &difference)) {
		printf("  %s %s: %s %+lld\n", counter->type, counter->object, counter->field,
		       difference);
		return;
	}
	text = change_in_words(counter);
	printf("  %s\n", text);
	free(text);
}

/**
 * diff_print() - print what differs, for people
 * @diff: what differs
 */
void diff_print(const struct diff *diff)
{
	size_t i, n = diff->changes.count, counters = diff->counters.count;
	char *text;

	if (n && options.header)
		printf("%schanges%s\n", color(STRONG), color(PLAIN));
	for (i = 0; i < n; i++) {
		text = change_in_words(&diff->changes.change[i]);
		printf("  %s\n", text);
		free(text);
	}
	if (counters && options.header)
		printf("%scounters%s\n", color(STRONG), color(PLAIN));
	for (i = 0; i < counters; i++)
		print_counter(&diff->counters.change[i]);
	if (!options.header)
		return;
	if (n)
		printf("%zu change%s, %zu counter%s differ%s\n", n, plural(n), counters,
		       plural(counters), counters == 1 ? "s" : "");
	else if (counters)
		printf("nothing changed but %zu counter%s\n", counters, plural(counters));
	else
		puts("nothing changed");
}

static json_t *optional_json(const char *text)
{
	return text ? text_json(text) : json_null();
}

static json_t *change_json(const struct change *change)
{
	json_t *json = must(json_object());

	json_object_set_new(json, "type", text_json(change->type));
	json_object_set_new(json, "object", text_json(change->object));
	json_object_set_new(json, "field", optional_json(change->field));
	json_object_set_new(json, "before", optional_json(change->before));
	json_object_set_new(json, "after", optional_json(change->after));
	return json;
}

static json_t *list_json(const struct change_list *list, bool counters)
{
	json_t *array = must(json_array()), *json;
	long long difference;
	size_t i;

	for (i = 0; i < list->count; i++) {
		json = change_json(&list->change[i]);
		if (counters)
			json_object_set_new(json, "difference",
					    difference_of(&list->change[i], &difference) ?
					    json_integer(difference) : json_null());
		json_array_append_new(array, json);
	}
	return array;
}

/**
 * diff_json() - convert what differs
 * @diff: what differs
 * @from: the earlier snapshot
 * @to: the later snapshot
 *
 * Return: a JSON object.
 */
json_t *diff_json(const struct diff *diff, const json_t *from, const json_t *to)
{
	json_t *json = must(json_object());

	json_object_set_new(json, "from", text_json(snapshot_string(from, "clock", "created")));
	json_object_set_new(json, "to", text_json(snapshot_string(to, "clock", "created")));
	json_object_set_new(json, "changes", list_json(&diff->changes, false));
	json_object_set_new(json, "counters", list_json(&diff->counters, true));
	return json;
}
