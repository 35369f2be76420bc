/** Where the simulation does not agree with the kernel, and why. docs/recovery.md names each. */
export const EXCEPTIONS: readonly { readonly what: string; readonly name: string; readonly why: string }[] = [
  // What no image tells: the other boot had the area at another address (--virt), and its own symbols' addresses.
  { what: "untold", name: "7.3.4/from-v6.16-read", why: "--virt: 7.3.4 has the area a page lower than 6.16.12 had" },
  { what: "untold", name: "7.3.4/from-v6.12-read", why: "--virt: 6.12 mapped the area elsewhere (vmap)" },
  {
    what: "untold",
    name: "6.12.107/from-v6.18-read",
    why: "--virt, --text-addr, --data-addr: the image holds none of them",
  },
  {
    what: "untold",
    name: "6.12.107/from-v7.3-read",
    why: "--virt, --text-addr, --data-addr: the image holds none of them",
  },
];
