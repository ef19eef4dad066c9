// SPDX-License-Identifier: GPL-2.0-only
/* Comparing what snapshots contain of the machine: kernel, module, firmware, PCI devices. */
#include <stdlib.h>
#include <string.h>

#include "base/snapfile.h"
#include "diff.h"
#include "nyxctl.h"

static char *copy_of(const char *text)
{
	return text ? must(strdup(text)) : NULL;
}

/**
 * change_add() - add to a list of what differs
 * @list: the list
 * @type: kind of object; it must exist as long as the list
 * @object: which one
 * @field: what of it; NULL for the object itself
 * @before: what it was; NULL if it is new
 * @after: what it is; NULL if it is gone
 */
void change_add(struct change_list *list, const char *type, const char *object,
		const char *field, const char *before, const char *after)
{
	list->change = must(reallocarray(list->change, list->count + 1,
					 sizeof(*list->change)));
	list->change[list->count++] = (struct change){
		.type = type,
		.object = must(strdup(object)),
		.field = copy_of(field),
		.before = copy_of(before),
		.after = copy_of(after),
	};
}

static void list_free(struct change_list *list)
{
	struct change *change;
	size_t i;

	for (i = 0; i < list->count; i++) {
		change = &list->change[i];
		free(change->object);
		free(change->field);
		free(change->before);
		free(change->after);
	}
	free(list->change);
	*list = (struct change_list){ 0 };
}

/**
 * diff_free() - free what differs
 * @diff: the lists; empty afterwards
 */
void diff_free(struct diff *diff)
{
	list_free(&diff->changes);
	list_free(&diff->counters);
}

static bool is_same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static void compare_texts(struct change_list *list, const char *type, const char *object,
			  const char *field, const json_t *before, const json_t *after)
{
	const char *a = json_string_value(before), *b = json_string_value(after);

	if (!is_same(a, b))
		change_add(list, type, object, field, a ? a : "-", b ? b : "-");
}

/* Without this, a part that only one snapshot has would differ in each value. */
static bool both_have(const json_t *from, const json_t *to, const char *part)
{
	return json_is_object(json_object_get(from, part)) &&
	       json_is_object(json_object_get(to, part));
}

static void compare_versions(struct diff *diff, const json_t *from, const json_t *to)
{
	static const char * const texts[][4] = {
		{ "version", "kernel", "kernel", "release" },
		{ "version", "kernel", "kernel", "build" },
		{ "version", "module", "module", "version" },
		{ "boot", "machine", "clock", "boot_id" },
	};
	size_t i;

	for (i = 0; i < COUNT_OF(texts); i++)
		if (both_have(from, to, texts[i][2]))
			compare_texts(&diff->changes, texts[i][0], texts[i][1], texts[i][3],
				      snapshot_part(from, texts[i][2], texts[i][3]),
				      snapshot_part(to, texts[i][2], texts[i][3]));
}

/* The number of strings in an array that are the same as @text. */
static size_t occurrences(const json_t *array, const char *text)
{
	const json_t *element;
	size_t i, n = 0;

	json_array_foreach(array, i, element)
		if (is_same(json_string_value(element), text))
			n++;
	return n;
}

/* The words that @from has more often than @to. A word that is repeated is reported once. */
static void missing_words(struct diff *diff, const json_t *from, const json_t *to,
			  bool are_new)
{
	const json_t *element;
	const char *word;
	size_t i;

	json_array_foreach(from, i, element) {
		word = json_string_value(element);
		if (word && !occurrences(to, word))
			change_add(&diff->changes, "parameter", "kernel", word,
				   are_new ? NULL : word, are_new ? word : NULL);
	}
}

static bool is_listed(const struct change_list *list, const char *object, const char *field)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (is_same(list->change[i].object, object) &&
		    is_same(list->change[i].field, field))
			return true;
	return false;
}

/* Compares the members of two objects, which are texts. */
static void compare_members(struct diff *diff, const char *type, const char *object,
			    const json_t *from, const json_t *to)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)from, name, value)
		if (!is_listed(&diff->changes, object, name))
			compare_texts(&diff->changes, type, object, name, value,
				      json_object_get(to, name));
	json_object_foreach((json_t *)to, name, value)
		if (!json_object_get(from, name))
			compare_texts(&diff->changes, type, object, name, NULL, value);
}

static void compare_parameters(struct diff *diff, const json_t *from, const json_t *to)
{
	const json_t *before = snapshot_part(from, "kernel", "parameters");
	const json_t *after = snapshot_part(to, "kernel", "parameters");

	missing_words(diff, before, after, false);
	missing_words(diff, after, before, true);
	if (both_have(from, to, "module"))
		compare_members(diff, "parameter", "module",
				snapshot_part(from, "module", "parameters"),
				snapshot_part(to, "module", "parameters"));
}

static void compare_firmware(struct diff *diff, const json_t *from, const json_t *to)
{
	const json_t *tables = snapshot_part(from, "firmware", NULL), *before, *after;
	const char *name, *a, *b;
	json_t *value;

	json_object_foreach((json_t *)tables, name, value) {
		before = value;
		after = snapshot_part(to, "firmware", name);
		compare_texts(&diff->changes, "firmware", name, "state",
			      json_object_get(before, "state"), json_object_get(after, "state"));
		a = json_string_value(json_object_get(before, "base64"));
		b = json_string_value(json_object_get(after, "base64"));
		if (a && b && strcmp(a, b))
			change_add(&diff->changes, "firmware", name, "content", NULL, NULL);
	}
}

/* A device that only one snapshot has. The module's tables may have shown that already. */
static void add_pci(struct diff *diff, const char *name, const json_t *device, bool is_new)
{
	const char *driver = json_string_value(json_object_get(device, "driver"));
	char *text;

	if (is_listed(&diff->changes, name, NULL))
		return;
	text = text_of("driver %s", driver ? driver : "none");
	change_add(&diff->changes, "device", name, NULL, is_new ? NULL : text,
		   is_new ? text : NULL);
	free(text);
}

/* The module's tables are compared first: they have the drivers of most devices, too. */
static void compare_pci(struct diff *diff, const json_t *from, const json_t *to)
{
	const json_t *before = snapshot_part(from, "pci", NULL);
	const json_t *after = snapshot_part(to, "pci", NULL);
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)before, name, value) {
		if (json_object_get(after, name))
			compare_members(diff, "device", name, value,
					json_object_get(after, name));
		else
			add_pci(diff, name, value, false);
	}
	json_object_foreach((json_t *)after, name, value)
		if (!json_object_get(before, name))
			add_pci(diff, name, value, true);
}

/**
 * diff_snapshots() - compare two snapshots
 * @diff: filled in; diff_free() frees it
 * @from: the earlier snapshot
 * @to: the later snapshot
 *
 * Parts that are the same, but in another order, do not differ.
 */
void diff_snapshots(struct diff *diff, const json_t *from, const json_t *to)
{
	static const char * const parts[] = { "clock", "kernel", "module", "pci", "firmware" };
	bool had, has;
	size_t i;

	for (i = 0; i < COUNT_OF(parts); i++) {
		had = json_is_object(json_object_get(from, parts[i]));
		has = json_is_object(json_object_get(to, parts[i]));
		if (had != has)
			change_add(&diff->changes, "file", parts[i], "state",
				   had ? FILE_COMPLETE : FILE_MISSING,
				   has ? FILE_COMPLETE : FILE_MISSING);
	}
	compare_versions(diff, from, to);
	if (both_have(from, to, "kernel"))
		compare_parameters(diff, from, to);
	diff_tables(diff, from, to);
	if (both_have(from, to, "firmware"))
		compare_firmware(diff, from, to);
	if (both_have(from, to, "pci"))
		compare_pci(diff, from, to);
}
