// SPDX-License-Identifier: GPL-2.0-only
/*
 * What each call of a parser must do, whatever the table contains.
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "fw_parser.h"

/**
 * fw_outcome_note() - record a finding, for the parser's report
 * @note: the finding
 * @arg: struct fw_outcome
 */
void fw_outcome_note(const struct nyx_fw_note *note, void *arg)
{
	struct fw_outcome *o = arg;

	o->bad_note |= o->refusals || note->offset >= max(o->len, 1u) ||
		       strcmp(note->table, o->parser->name) ||
		       !note->where || !note->what ||
		       note->verdict > NYX_FW_UNKNOWN;
	o->notes++;
	o->refusals += note->verdict == NYX_FW_REFUSED;
}

/**
 * fw_outcome_check() - check what a parser returned
 * @o: the findings of the call
 * @ret: the parser's return value
 * @result: the parser's result
 *
 * Return: a description of the error, or NULL.
 */
const char *fw_outcome_check(const struct fw_outcome *o, int ret,
			     const void *result)
{
	if (o->bad_note)
		return "a finding is invalid";
	if (o->notes > 16 + o->refusals)
		return "too many findings";
	if (o->refusals != (ret ? 1 : 0))
		return "a refusal is not reported, or more than one";
	if (!ret)
		return o->parser->check(result, o->len);
	if (ret != -EINVAL || memchr_inv(result, 0, o->parser->size))
		return "the result of a refused table is not empty";
	return NULL;
}
