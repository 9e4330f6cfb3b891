/** The words of the phone’s page, in English. `{…}` is filled in; see `shared/text.ts`. */

export const phone = {} as const
