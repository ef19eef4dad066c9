// SPDX-License-Identifier: GPL-2.0-only
/* What checks found: collecting and printing it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "finding.h"
#include "nyxctl.h"

/**
 * found() - add a finding
 * @findings: the list, whose member check names the check
 * @result: FINE, NOTE or ATTENTION
 * @text: what was found; the list frees it
 * @remedy: what to do, which the list frees; NULL if nothing has to be done
 */
void found(struct findings *findings, int result, char *text, char *remedy)
{
	findings->finding = must(reallocarray(findings->finding, findings->count + 1,
					      sizeof(*findings->finding)));
	findings->finding[findings->count++] = (struct finding){
		.check = findings->check,
		.result = result,
		.text = text,
		.remedy = remedy,
	};
}

/**
 * findings_count() - count the findings with a result
 * @findings: the list
 * @result: FINE, NOTE or ATTENTION
 *
 * Return: their number.
 */
size_t findings_count(const struct findings *findings, int result)
{
	size_t i, count = 0;

	for (i = 0; i < findings->count; i++)
		count += findings->finding[i].result == result;
	return count;
}

static json_t *finding_json(const struct finding *finding, const char *result)
{
	json_t *json = must(json_object());

	json_object_set_new(json, "check", text_json(finding->check));
	json_object_set_new(json, "result", text_json(result));
	json_object_set_new(json, "text", text_json(finding->text));
	json_object_set_new(json, "remedy",
			    finding->remedy ? text_json(finding->remedy) : json_null());
	return json;
}

static int longer(int width, const char *text)
{
	int length = strlen(text);

	return length > width ? length : width;
}

static void print_human(const struct findings *findings, const char * const *results)
{
	int wide = 0, check = 0;
	const struct finding *one;
	bool bad;
	size_t i;

	for (i = 0; i < findings->count; i++) {
		wide = longer(wide, results[findings->finding[i].result]);
		check = longer(check, findings->finding[i].check);
	}
	for (i = 0; i < findings->count; i++) {
		one = &findings->finding[i];
		bad = one->result == ATTENTION;
		printf("%s%-*s%s  %-*s  %s\n", bad ? color(BAD) : "", wide,
		       results[one->result], bad ? color(PLAIN) : "", check, one->check,
		       one->text);
		if (one->remedy)
			printf("%*s%s\n", wide + check + 4, "", one->remedy);
	}
}

/**
 * findings_print() - print the findings, for people or as JSON
 * @findings: the list
 * @results: words for FINE, NOTE and ATTENTION
 */
void findings_print(const struct findings *findings, const char * const *results)
{
	const struct finding *one;
	json_t *json;
	size_t i;

	if (!options.json) {
		print_human(findings, results);
		return;
	}
	json = must(json_array());
	for (i = 0; i < findings->count; i++) {
		one = &findings->finding[i];
		json_array_append_new(json, finding_json(one, results[one->result]));
	}
	print_json(json);
}

/**
 * findings_free() - free a list
 * @findings: the list; empty afterwards
 */
void findings_free(struct findings *findings)
{
	size_t i;

	for (i = 0; i < findings->count; i++) {
		free(findings->finding[i].text);
		free(findings->finding[i].remedy);
	}
	free(findings->finding);
	*findings = (struct findings){ 0 };
}
