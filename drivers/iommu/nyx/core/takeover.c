// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module parameter that forbids to take over running units.
 */
#include <linux/module.h>

#include <nyx/unit.h>

static bool takeover = true;
module_param(takeover, bool, 0444);
MODULE_PARM_DESC(takeover,
		 "Take over units that firmware or an earlier kernel left running (default: yes)");

/**
 * nyx_takeover_allowed() - whether the user allows to take over running units
 *
 * Context: Any.
 * Return: true if a unit that another system left running may be used.
 */
bool nyx_takeover_allowed(void)
{
	return takeover;
}
