import { hex } from "../ground/hex.js";
import type { Image } from "../image/image.js";
import { regions } from "../image/regions.js";
import type { MemoryKind } from "../machine/memory-kind.js";
import type { Mapping } from "../user/mapping.js";
import { NOT_STORED } from "../user/state.js";
import { type MapRequest, USUAL_REQUEST } from "../user/who-may-map.js";
import { countsNanoseconds, imageReport, optionalHex } from "./common.js";
import { cpuReport, type StepChoice } from "./mapped-cpu.js";
import { toJson } from "./to-json.js";
import { chosenStates, memoryOf, stateOf, type ViewChoice } from "./view-choice.js";

export interface MmapLayoutChoice extends ViewChoice, StepChoice {
  /** Where the area begins in physical memory. */
  readonly phys?: bigint;
  /** Where the memory comes from; left out, as its addresses suggest. */
  readonly memory?: MemoryKind;
  /** mmap()'s arguments; left out, all of it, shared and read-only. */
  readonly request?: MapRequest;
}

export type MmapLayoutReport = ReturnType<typeof mmapLayout>["report"];
export type MmapCpuReport = MmapLayoutReport["cpus"][number];

/** The whole command, as its JSON document (schemas/mmap-layout.json), and the mappings after the last step. */
export function mmapLayout(image: Image, options: MmapLayoutChoice) {
  const { state, chosen } = stateOf(image, options);
  const memory = memoryOf(image, options.memory, { phys: options.phys, release: chosen.release });
  const request = options.request ?? USUAL_REQUEST;
  const mappings: Mapping[] = [];
  const cpus = chosenStates(state, options.cpu).map((cpu) => {
    const { report, mapping } = cpuReport(image, state, cpu, { ...options, request, memory });
    if (mapping) mappings.push(mapping);
    return report;
  });
  const report = {
    schema: "rbtool/mmap-layout/2" as const,
    mode: "mapping" as const,
    image: imageReport(image),
    kernel: chosen,
    state: state.origin,
    nanoseconds: countsNanoseconds(image),
    /** What the boot said before it served the mapping. */
    messages: state.boot?.messages ?? [],
    notStored: state.origin === "as-is" ? [...NOT_STORED] : [],
    memory: { kind: memory.kind, assumed: memory.assumed, why: memory.why },
    request: { ...request, length: request.length ?? null },
    virtualStart: optionalHex(image.virtualStart),
    physicalStart: optionalHex(options.phys),
    regions: regions(image).map((region) =>
      toJson({
        ...region,
        physical: options.phys === undefined ? undefined : hex(options.phys + BigInt(region.offset)),
      }),
    ),
    cpus,
  };
  return { report, mappings };
}
