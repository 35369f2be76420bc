import type { Kind } from "./kind.js";
import { archives } from "./kinds/archives.js";
import { commands } from "./kinds/commands.js";
import { dumps } from "./kinds/dumps.js";
import { filters } from "./kinds/filters.js";
import { formats } from "./kinds/formats.js";
import { images } from "./kinds/images.js";
import { kallsyms } from "./kinds/kallsyms.js";
import { kernels } from "./kinds/kernels.js";
import { memory } from "./kinds/memory.js";

export const KINDS: readonly Kind[] = [images, memory, commands, formats, kallsyms, archives, dumps, kernels, filters];
