/** The words of the page, by key, with what is filled in. */
import { en, type StringKey, type Strings } from './strings/en.ts'

const strings: Strings = en

/** The words for `key`; each `{name}` in them is replaced by the value of that name. */
export function text(key: StringKey, values: Readonly<Record<string, string | number>> = {}): string {
  return strings[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}
