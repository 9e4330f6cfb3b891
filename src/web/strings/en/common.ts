/** The words that every page has, in English. */

export const common = {
  'app.name': 'Tandem',
} as const
