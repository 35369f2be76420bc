import type { GraphOptions } from "./graph-options.js";

/** The head of the tracer's output (__print_graph_headers_flags()). */
export function graphHeader(options: GraphOptions): string {
  let first = "#";
  let second = "#";
  if (options.absTime) {
    first += "     TIME       ";
    second += "      |         ";
  }
  if (options.cpu) {
    first += " CPU";
    second += " |  ";
  }
  if (options.proc) {
    first += "  TASK/PID       ";
    second += "   |    |        ";
  }
  if (options.latency) {
    first += "||||   ";
    second += "||||   ";
  }
  if (options.duration) {
    first += "  DURATION   ";
    second += "   |   |      ";
  }
  return `# tracer: function_graph\n#\n${first}               FUNCTION CALLS\n${second}               |   |   |   |\n`;
}
