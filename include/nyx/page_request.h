/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page requests: a device with ATS that was refused a translation can ask for the page
 * (Page Request Interface, PRI), and gets a response when it can retry.
 */
#ifndef NYX_PAGE_REQUEST_H
#define NYX_PAGE_REQUEST_H

#include <linux/types.h>

struct device;
struct iommu_page_response;
struct iopf_fault;
struct nyx_device;
struct nyx_unit;

/**
 * enum nyx_page_response - response to a group of page requests
 * @NYX_PAGE_SUCCESS: the device may retry
 * @NYX_PAGE_INVALID: at least one page of the group cannot be accessed
 * @NYX_PAGE_FAILURE: the device must not send page requests any more
 */
enum nyx_page_response {
	NYX_PAGE_SUCCESS,
	NYX_PAGE_INVALID,
	NYX_PAGE_FAILURE,
};

/**
 * struct nyx_page_request - a page request, as a unit logged it
 * @rid: requester ID
 * @has_pasid: it has a PASID
 * @pasid: the PASID, if @has_pasid
 * @iova: address in the page
 * @read: read access is wanted
 * @write: write access is wanted
 * @exec: the access is an instruction fetch
 * @priv: the access has supervisor privilege
 * @group: page request group index
 * @last: last request of the group, which gets the response
 */
struct nyx_page_request {
	u16 rid;
	bool has_pasid;
	u32 pasid;
	u64 iova;
	bool read;
	bool write;
	bool exec;
	bool priv;
	u16 group;
	bool last;
};

/*
 * A stop marker asks for nothing and gets no response: the device sends no more requests
 * with the PASID (PCI Express, 10.4.1.2).
 */
static inline bool
nyx_page_request_is_stop(const struct nyx_page_request *req)
{
	return req->has_pasid && req->last && !req->read && !req->write;
}

bool nyx_page_request(struct nyx_unit *unit,
		      const struct nyx_page_request *req);
void nyx_page_requests_lost(struct nyx_unit *unit);
void nyx_page_requests_read(struct nyx_unit *unit);

#endif /* NYX_PAGE_REQUEST_H */
