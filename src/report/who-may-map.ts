import { ERRNO, type MapAnswer, mappingTable } from "../user/who-may-map.js";
import { toJson } from "./to-json.js";

/** What mmap() answers, with the errno's number and text. */
export function answerReport(answer: MapAnswer) {
  const errno = answer.errno && ERRNO[answer.errno];
  return toJson({ ...answer, errnoNumber: errno?.number, errnoText: errno?.text });
}

export type WhoReport = ReturnType<typeof whoReport>;

/** Which kernel maps which memory, as the JSON document of `mmap-layout --who-may-map` (schemas/mmap-layout.json). */
export function whoReport() {
  return {
    schema: "rbtool/mmap-layout/2" as const,
    mode: "who-may-map" as const,
    rows: mappingTable().map(({ kernel, answers }) => ({
      kernel,
      answers: Object.entries(answers).map(([memory, answer]) => ({ memory, ...answerReport(answer) })),
    })),
  };
}
