// The version of the product: part of every result, because a seed means the same only within a version.
export const VERSION = "0.1.0";
