package stats

// IntelRdt is what the resctrl file system tells of the container's group (the kernel's
// Documentation/filesystems/resctrl.rst). It is empty without linux.intelRdt, and what the machine or the
// kernel has not is left out.
type IntelRdt struct {
	// L3CacheInfo and MemBwInfo are of the whole machine, as are the schemas of the root.
	L3CacheInfo       *L3CacheInfo `json:"l3_cache_info,omitempty"`
	L3CacheSchemaRoot string       `json:"l3_cache_schema_root,omitempty"`
	L3CacheSchema     string       `json:"l3_cache_schema,omitempty"`
	MemBwInfo         *MemBwInfo   `json:"mem_bw_info,omitempty"`
	MemBwSchemaRoot   string       `json:"mem_bw_schema_root,omitempty"`
	MemBwSchema       string       `json:"mem_bw_schema,omitempty"`
	Schemata          []string     `json:"schemata,omitempty"` // the lines of the group
	// MBM and CMT are by domain, mostly an L3 cache: those of the container's monitoring group, and without
	// enableMonitoring those of its group, which others may share.
	MBM []MBM `json:"mbm_stats,omitempty"`
	CMT []CMT `json:"cmt_stats,omitempty"`
}

// L3CacheInfo says how the L3 cache can be shared out. CbmMask is hexadecimal, a bit for each part of the cache.
type L3CacheInfo struct {
	CbmMask    string `json:"cbm_mask,omitempty"`
	MinCbmBits uint64 `json:"min_cbm_bits,omitempty"`
	NumClosids uint64 `json:"num_closids,omitempty"`
}

// MemBwInfo says how memory bandwidth can be shared out: in steps of BandwidthGran, mostly percent.
type MemBwInfo struct {
	BandwidthGran uint64 `json:"bandwidth_gran,omitempty"`
	DelayLinear   uint64 `json:"delay_linear,omitempty"`
	MinBandwidth  uint64 `json:"min_bandwidth,omitempty"`
	NumClosids    uint64 `json:"num_closids,omitempty"`
}

// MBM counts the bytes that went between one domain and memory, and how many of them were the domain's own memory's.
type MBM struct {
	TotalBytes uint64 `json:"mbm_total_bytes"`
	LocalBytes uint64 `json:"mbm_local_bytes"`
}

// CMT is how many bytes of one domain's cache are in use.
type CMT struct {
	LLCOccupancy uint64 `json:"llc_occupancy"`
}
