import type { Abi } from "../../ground/abi.js";
import { latin1 } from "../../ground/latin1.js";
import { type DynamicEvent, parseDynamicEvents } from "./dynamic-events.js";
import { FormatError } from "./errors.js";
import { type EventFormat, parseFormat } from "./parse-format.js";
import { peekId, peekName } from "./peek-format.js";

/** A format file that could not be used. */
export interface FormatProblem {
  /** "system/name". */
  readonly event: string;
  readonly message: string;
}

/** An event's format file. */
export interface FormatFile {
  readonly bytes: Uint8Array;
  /** The folder that its event's own lies in. */
  readonly system: string;
  /** As messages name it. */
  readonly path: string;
}

/** Parses a format file; one that is bad is told of elsewhere. */
type Parse = (file: FormatFile) => EventFormat | undefined;

/** An event whose format file is parsed when something of it beyond its name is asked for. */
class LazyFormat implements EventFormat {
  private called: string | undefined;
  private parsed: Pick<EventFormat, "fields" | "printFmt"> | undefined;
  probed: string | undefined;
  inProgram: boolean | undefined;

  constructor(
    readonly id: number,
    private readonly file: FormatFile,
    private readonly parse: Parse,
  ) {}

  get system(): string {
    return this.file.system;
  }

  get name(): string {
    this.called ??= peekName(this.file.bytes);
    return this.called;
  }

  get fields(): EventFormat["fields"] {
    return this.rest.fields;
  }

  get printFmt(): string {
    return this.rest.printFmt;
  }

  private get rest(): Pick<EventFormat, "fields" | "printFmt"> {
    this.parsed ??= this.parse(this.file) ?? { fields: [], printFmt: "" };
    return this.parsed;
  }
}

/** Every event of a kernel build, by id. Of a format file that looks like one, only the id is read at once. */
export class FormatTable {
  /** Format files that are none, ids given twice. One that is found bad when its first event comes is added then. */
  readonly problems: FormatProblem[] = [];
  private readonly ids = new Map<number, EventFormat>();
  private readonly dynamic: ReadonlyMap<string, DynamicEvent>;

  constructor(
    readonly abi: Abi,
    readonly release?: string,
    /** dynamic_events, one character a byte. */
    dynamicEvents = "",
  ) {
    this.dynamic = parseDynamicEvents(dynamicEvents);
  }

  /** Adds one format file. What cannot be parsed is noted in `problems`. */
  add(file: FormatFile): void {
    const id = peekId(file.bytes);
    if (id !== undefined) {
      const lazy = new LazyFormat(id, file, this.parse);
      if (this.dynamic.size > 0) Object.assign(lazy, this.dynamic.get(`${lazy.system}/${lazy.name}`));
      this.enter(lazy);
      return;
    }
    const format = this.parse(file);
    if (format !== undefined) this.enter(format);
  }

  private readonly parse: Parse = ({ bytes, system, path }) => {
    try {
      return parseFormat(latin1(bytes), this.abi, system);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.problems.push({ event: path, message: error.message });
      return undefined;
    }
  };

  private enter(format: EventFormat): void {
    const there = this.ids.get(format.id);
    if (there !== undefined && there.name !== format.name) {
      this.problems.push({
        event: `${format.system}/${format.name}`,
        message: `id ${format.id} is ${there.system}/${there.name} already`,
      });
      return;
    }
    this.ids.set(format.id, format);
  }

  get size(): number {
    return this.ids.size;
  }

  /** The format of an id (common_type). */
  get(id: number): EventFormat | undefined {
    return this.ids.get(id);
  }

  get byId(): ReadonlyMap<number, EventFormat> {
    return this.ids;
  }

  formats(): Iterable<EventFormat> {
    return this.ids.values();
  }
}
