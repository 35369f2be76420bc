import { ERRNO, type MapAnswer, mappingTable } from "../user/who-may-map.js";

/** What mmap() answers, with the errno's number and text. */
export function answerReport(answer: MapAnswer) {
  const { errno, errnoReadOnlyFile } = answer;
  return {
    ...answer,
    errnoNumber: errno === null ? null : ERRNO[errno].number,
    errnoText: errno === null ? null : ERRNO[errno].text,
    errnoReadOnlyFile,
  };
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
