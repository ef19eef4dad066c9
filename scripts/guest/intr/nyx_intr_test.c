// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver for devices that raise interrupts on command, so that the driver can
 * wait for each while the interrupts move between CPUs. The devices are QEMU's
 * edu, with one MSI, and the 82576 network card (igb), with several MSI-X. The
 * card is bound by hand. Other devices may be bound by hand too: the driver
 * requests their interrupts but does not use them.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bits.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/irq.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/pci.h>

#define EDU_RAISE	0x60
#define EDU_ACK		0x64

/* Intel 82576 datasheet, section 8.8: a bit of EICR for each MSI-X vector. */
#define IGB_CTRL	0x0000
#define   IGB_CTRL_RST		BIT(26)
#define IGB_GPIE	0x1514
#define   IGB_GPIE_MULTIPLE_MSIX BIT(4)
#define IGB_EICS	0x1520
#define IGB_EIMS	0x1524
#define IGB_EIMC	0x1528
#define IGB_EIAC	0x152c

/*
 * Every STAY-th move waits for STAY_FOR interrupts instead of one, and for
 * STAY_TICKS. The kernel frees the vector of an earlier move in a timer, and
 * meanwhile defers moves, of which the last one counts. So without these waits
 * one CPU may handle nearly all interrupts. With ten interrupts, the one that is
 * moved and the one that is raised also drift against each other until every
 * pair has occurred.
 */
#define STAY		7
#define STAY_FOR	3
#define STAY_TICKS	2

static unsigned int vectors = 1;
module_param(vectors, uint, 0600);
MODULE_PARM_DESC(vectors, "number of interrupts: 0 for INTx, 1 for an MSI, more for MSI-X");

struct message {
	struct raiser *raiser;
	unsigned int index;
	unsigned int cpu;
	int irq;
	unsigned long raised;
	unsigned long handled;
};

struct raiser {
	struct pci_dev *pdev;
	void __iomem *bar;
	void (*raise)(struct raiser *raiser, unsigned int index);
	void (*ack)(struct raiser *raiser);
	struct completion arrived;
	/* Other messages do not complete @arrived. */
	struct message *awaited;
	unsigned int next;
	unsigned long handled;
	unsigned long lost;
	unsigned long moved;
	unsigned long refused;
	unsigned int nr;
	struct message messages[] __counted_by(nr);
};

static void edu_raise(struct raiser *raiser, unsigned int index)
{
	iowrite32(1, raiser->bar + EDU_RAISE);
}

static void edu_ack(struct raiser *raiser)
{
	iowrite32(1, raiser->bar + EDU_ACK);
}

/* EIAC clears the cause when the message is sent, so no ack is needed. */
static void igb_raise(struct raiser *raiser, unsigned int index)
{
	iowrite32(BIT(index), raiser->bar + IGB_EICS);
}

static void igb_quiet(struct raiser *raiser)
{
	iowrite32(~0, raiser->bar + IGB_EIMC);
	/* Settings of its network driver could cause other interrupts. */
	iowrite32(ioread32(raiser->bar + IGB_CTRL) | IGB_CTRL_RST,
		  raiser->bar + IGB_CTRL);
	ioread32(raiser->bar + IGB_CTRL);
	msleep(20);
	iowrite32(~0, raiser->bar + IGB_EIMC);
}

static void igb_start(struct raiser *raiser)
{
	u32 mask = GENMASK(raiser->nr - 1, 0);

	iowrite32(IGB_GPIE_MULTIPLE_MSIX, raiser->bar + IGB_GPIE);
	iowrite32(mask, raiser->bar + IGB_EIAC);
	iowrite32(mask, raiser->bar + IGB_EIMS);
}

static irqreturn_t handle(int irq, void *data)
{
	struct message *message = data;
	struct raiser *raiser = message->raiser;

	if (raiser->ack)
		raiser->ack(raiser);
	message->handled++;
	if (READ_ONCE(raiser->awaited) != message)
		return IRQ_HANDLED;
	WRITE_ONCE(raiser->handled, raiser->handled + 1);
	complete(&raiser->arrived);
	return IRQ_HANDLED;
}

/* Raises the next interrupt in turn and waits for it. */
static void raise_one(struct raiser *raiser)
{
	struct message *message = &raiser->messages[raiser->next];

	raiser->next = (raiser->next + 1) % raiser->nr;
	reinit_completion(&raiser->arrived);
	WRITE_ONCE(raiser->awaited, message);
	message->raised++;
	raiser->raise(raiser, message->index);
	/* An interrupt that has not arrived after this time is lost. */
	if (!wait_for_completion_timeout(&raiser->arrived, 10 * HZ))
		WRITE_ONCE(raiser->lost, raiser->lost + 1);
}

static int keep_raising(void *data)
{
	while (!kthread_should_stop())
		raise_one(data);
	return 0;
}

/*
 * Waits until one more interrupt is handled or lost. The next one is already
 * being raised then, so moves race with interrupts at every stage.
 */
static void wait_for_one(const struct raiser *raiser)
{
	unsigned long handled = READ_ONCE(raiser->handled);
	unsigned long lost = READ_ONCE(raiser->lost);

	while (READ_ONCE(raiser->handled) == handled &&
	       READ_ONCE(raiser->lost) == lost)
		cond_resched();
}

static void stay(const struct raiser *raiser)
{
	unsigned long end = jiffies + STAY_TICKS;
	unsigned int n;

	for (n = 0; n < STAY_FOR || time_before(jiffies, end); n++)
		wait_for_one(raiser);
}

static void move(struct raiser *raiser, struct message *message)
{
	message->cpu = cpumask_next(message->cpu, cpu_online_mask);
	if (message->cpu >= nr_cpu_ids)
		message->cpu = cpumask_first(cpu_online_mask);
	if (irq_set_affinity(message->irq, cpumask_of(message->cpu)))
		raiser->refused++;
	else
		raiser->moved++;
}

/*
 * Writing a number moves the interrupts in turn, this number of times in total,
 * while they are raised.
 */
static ssize_t moves_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t count)
{
	struct raiser *raiser = dev_get_drvdata(dev);
	struct task_struct *task;
	unsigned int moves, i;
	int ret;

	ret = kstrtouint(buf, 10, &moves);
	if (ret)
		return ret;
	if (!raiser->raise)
		return -EOPNOTSUPP;
	task = kthread_run(keep_raising, raiser, "raiser");
	if (IS_ERR(task))
		return PTR_ERR(task);
	for (i = 0; i < moves && !READ_ONCE(raiser->lost); i++) {
		move(raiser, &raiser->messages[i % raiser->nr]);
		if (i % STAY)
			wait_for_one(raiser);
		else
			stay(raiser);
	}
	kthread_stop(task);
	return count;
}

static ssize_t moves_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct raiser *raiser = dev_get_drvdata(dev);
	unsigned long raised = 0, handled = 0;
	unsigned int i;

	for (i = 0; i < raiser->nr; i++) {
		raised += raiser->messages[i].raised;
		handled += raiser->messages[i].handled;
	}
	return sysfs_emit(buf, "raised=%lu handled=%lu lost=%lu moved=%lu refused=%lu\n",
			  raised, handled, raiser->lost, raiser->moved,
			  raiser->refused);
}
static DEVICE_ATTR_RW(moves);

/*
 * A line for each interrupt: the Linux IRQ number, how often it was raised, how
 * often the handler ran for it. The kernel's own count can be lower: it does
 * not count an interrupt that arrives on one CPU while the handler still runs
 * on another.
 */
static ssize_t raised_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	struct raiser *raiser = dev_get_drvdata(dev);
	unsigned int i;
	int at = 0;

	for (i = 0; i < raiser->nr; i++)
		at += sysfs_emit_at(buf, at, "%d %lu %lu\n",
				    raiser->messages[i].irq,
				    raiser->messages[i].raised,
				    raiser->messages[i].handled);
	return at;
}
static DEVICE_ATTR_RO(raised);

/* Writing a number raises this number of interrupts, each message in turn. */
static ssize_t raise_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t count)
{
	struct raiser *raiser = dev_get_drvdata(dev);
	unsigned int times;
	int ret;

	ret = kstrtouint(buf, 10, &times);
	if (ret)
		return ret;
	if (!raiser->raise)
		return -EOPNOTSUPP;
	while (times-- && !READ_ONCE(raiser->lost))
		raise_one(raiser);
	return count;
}
static DEVICE_ATTR_WO(raise);

/*
 * Writing anything posts each interrupt to a virtual CPU, as a hypervisor does, and ends
 * that again. Fails with the first error. The descriptor is zero, so no unit that posts
 * may be used.
 */
static ssize_t post_store(struct device *dev, struct device_attribute *attr,
			  const char *buf, size_t count)
{
	struct raiser *raiser = dev_get_drvdata(dev);
	/* Larger than what any vendor's units expect here. */
	u64 vcpu[16] = { };
	unsigned int i;
	int ret, end;

	for (i = 0; i < raiser->nr; i++) {
		ret = irq_set_vcpu_affinity(raiser->messages[i].irq, vcpu);
		end = irq_set_vcpu_affinity(raiser->messages[i].irq, NULL);
		if (end) {
			dev_err(dev, "posting does not end: %d\n", end);
			return -EIO;
		}
		if (ret)
			return ret;
	}
	return count;
}
static DEVICE_ATTR_WO(post);

static struct attribute *raiser_attrs[] = {
	&dev_attr_post.attr,
	&dev_attr_moves.attr,
	&dev_attr_raised.attr,
	&dev_attr_raise.attr,
	NULL
};
ATTRIBUTE_GROUPS(raiser);

static void free_all(struct raiser *raiser, unsigned int requested)
{
	while (requested--)
		free_irq(raiser->messages[requested].irq,
			 &raiser->messages[requested]);
	pci_free_irq_vectors(raiser->pdev);
}

static int request_all(struct raiser *raiser)
{
	unsigned int i;
	int ret;

	ret = pci_alloc_irq_vectors(raiser->pdev, raiser->nr, raiser->nr,
				    raiser->nr > 1 ? PCI_IRQ_MSIX :
				    vectors ? PCI_IRQ_MSI : PCI_IRQ_INTX);
	if (ret < 0) {
		pr_info("%s: no interrupt: %d\n", pci_name(raiser->pdev), ret);
		return ret;
	}
	for (i = 0; i < raiser->nr; i++) {
		raiser->messages[i].raiser = raiser;
		raiser->messages[i].index = i;
		raiser->messages[i].irq = pci_irq_vector(raiser->pdev, i);
		ret = request_irq(raiser->messages[i].irq, handle, 0,
				  "nyx_intr_test", &raiser->messages[i]);
		if (ret) {
			free_all(raiser, i);
			return ret;
		}
	}
	return 0;
}

static bool is_edu(const struct pci_dev *pdev)
{
	return pdev->vendor == 0x1234 && pdev->device == 0x11e8;
}

static bool is_igb(const struct pci_dev *pdev)
{
	return pdev->vendor == PCI_VENDOR_ID_INTEL && pdev->device == 0x10c9;
}

static int raiser_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	unsigned int nr = clamp(vectors, 1U, 32U);
	struct raiser *raiser;
	int ret;

	raiser = devm_kzalloc(&pdev->dev, struct_size(raiser, messages, nr),
			      GFP_KERNEL);
	if (!raiser)
		return -ENOMEM;
	raiser->nr = nr;
	raiser->pdev = pdev;
	init_completion(&raiser->arrived);
	ret = pcim_enable_device(pdev);
	if (ret)
		return ret;
	raiser->bar = pcim_iomap(pdev, 0, 0);
	if (!raiser->bar)
		return -ENOMEM;
	pci_set_master(pdev);
	if (is_igb(pdev))
		igb_quiet(raiser);
	ret = request_all(raiser);
	if (ret)
		return ret;
	if (is_edu(pdev)) {
		raiser->ack = edu_ack;
		raiser->raise = edu_raise;
	} else if (is_igb(pdev) && nr > 1) {
		igb_start(raiser);
		raiser->raise = igb_raise;
	}
	pci_set_drvdata(pdev, raiser);
	return 0;
}

static void raiser_remove(struct pci_dev *pdev)
{
	struct raiser *raiser = pci_get_drvdata(pdev);

	if (is_igb(pdev))
		igb_quiet(raiser);
	free_all(raiser, raiser->nr);
}

static const struct pci_device_id raiser_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{ }
};
MODULE_DEVICE_TABLE(pci, raiser_ids);

static struct pci_driver raiser_driver = {
	.name = "nyx_intr_test",
	.id_table = raiser_ids,
	.probe = raiser_probe,
	.remove = raiser_remove,
	.dev_groups = raiser_groups,
};
module_pci_driver(raiser_driver);

MODULE_DESCRIPTION("Raises interrupts while they are moved");
MODULE_LICENSE("GPL");
