// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PCI functions of the models: User-mode Linux has no PCI.
 */
#include <linux/numa.h>

#include "amd/amd.h"
#include "amd/function.h"
#include "amd/ivrs.h"
#include "model.h"

int amd_function_find(struct amd_unit *au, const struct amd_ivrs_unit *fw)
{
	struct amd_model *model = amd_model_at(au->index);

	if (!model || model->hidden)
		return -ENXIO;
	model->functions++;
	au->device_id = fw->device_id;
	au->unit.nid = NUMA_NO_NODE;
	au->cap = model->cap;
	return 0;
}

bool amd_function_look(const struct amd_ivrs_unit *fw, u32 *cap, bool *msi)
{
	struct amd_model *model = amd_model_of(fw->base);

	if (!model || model->hidden)
		return false;
	*cap = model->cap;
	*msi = !model->no_msi;
	return true;
}

void amd_function_put(struct amd_unit *au)
{
	amd_model_at(au->index)->functions--;
}

const char *amd_function_name(const struct amd_unit *au)
{
	return "of a model";
}

/*
 * Bits 7:0 of D0F2xF0 select the register that D0F2xF4 accesses; bit 8 enables
 * writes to it.
 */
u32 amd_config_read(struct amd_unit *au, int where)
{
	struct amd_model *model = amd_model_at(au->index);
	u32 val = ~0;

	if (model->on_config) {
		model->on_config(model, false, where, &val, false);
		return val;
	}
	KUNIT_EXPECT_EQ(model->test, where, 0xf4);
	return model->l2[model->l2_index & 0xff];
}

void amd_config_write(struct amd_unit *au, int where, u32 val)
{
	struct amd_model *model = amd_model_at(au->index);

	if (model->on_config) {
		model->on_config(model, false, where, &val, true);
		return;
	}
	if (where == 0xf0) {
		model->l2_index = val;
		return;
	}
	KUNIT_EXPECT_EQ(model->test, where, 0xf4);
	KUNIT_EXPECT_TRUE(model->test, model->l2_index & 0x100);
	if (model->l2_index & 0x100)
		model->l2[model->l2_index & 0xff] = val;
	model->l2_writes++;
}

/* Only models with @on_config have a host bridge. */
u32 amd_bridge_read(struct amd_unit *au, int where)
{
	struct amd_model *model = amd_model_at(au->index);
	u32 val = ~0;

	KUNIT_ASSERT_NOT_NULL(model->test, model->on_config);
	model->on_config(model, true, where, &val, false);
	return val;
}

void amd_bridge_write(struct amd_unit *au, int where, u32 val)
{
	struct amd_model *model = amd_model_at(au->index);

	KUNIT_ASSERT_NOT_NULL(model->test, model->on_config);
	model->on_config(model, true, where, &val, true);
}
