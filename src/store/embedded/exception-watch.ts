import type { Extension } from '@electric-sql/pglite';

/** Functions that the compiled engine and its libraries import to throw and catch C++ exceptions. */
type ExceptionImports = Record<(typeof THROWING)[number] | '__cxa_begin_catch', ImportedFunction>;

/** `throw`, `throw;` and std::rethrow_exception. */
const THROWING = ['__cxa_throw', '__cxa_rethrow', '__cxa_rethrow_primary_exception'] as const;

type ImportedFunction = ((...parameters: number[]) => unknown) & { sig?: string };
type InstantiateWasm = (imports: { env: ExceptionImports }, done: unknown) => unknown;

/**
 * Tells C++ exceptions that nobody caught. GEOS and PROJ throw them; where PostgreSQL's own frames lie
 * between, the engine takes the interrupted call for one that returned, and goes on: half of a statement is
 * done, and its command tag is `???` or that of fewer rows, without any error.
 */
export class ExceptionWatch {
  #inFlight = false;
  #lost = false;

  /** Whether, since `reset`, an exception was thrown that nobody caught. */
  get uncaught(): boolean {
    return this.#inFlight || this.#lost;
  }

  reset(): void {
    this.#inFlight = false;
    this.#lost = false;
  }

  /** Puts itself between the engine and its imports; libraries that are loaded later find the same ones. */
  readonly extension: Extension = {
    name: 'exception-watch',
    setup: (_pglite, options: { instantiateWasm: InstantiateWasm }) => {
      const instantiate = options.instantiateWasm;
      options.instantiateWasm = (imports, done) => {
        for (const name of THROWING) {
          this.#wrap(imports.env, name, () => {
            // Whoever throws again did not catch: the one before is lost, whatever comes of this one.
            this.#lost ||= this.#inFlight;
            this.#inFlight = true;
          });
        }
        this.#wrap(imports.env, '__cxa_begin_catch', () => (this.#inFlight = false));
        return instantiate(imports, done);
      };
      return Promise.resolve({ emscriptenOpts: options });
    },
  };

  #wrap(imports: ExceptionImports, name: keyof ExceptionImports, note: () => void): void {
    const original = imports[name];
    const watched: ImportedFunction = (...parameters) => {
      note();
      return original(...parameters);
    };
    // The signature by which the engine makes a table entry of it.
    if (original.sig !== undefined) watched.sig = original.sig;
    imports[name] = watched;
  }
}
