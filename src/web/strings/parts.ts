/** The parts of the words in other languages. Each page names those that it needs, and has no trace of the others. */
import type { Translations } from './language.ts'

export const commonWords: Translations = { ar: async () => (await import('./ar/common.ts')).common }
export const linkWords: Translations = { ar: async () => (await import('./ar/link.ts')).link }
export const chatsWords: Translations = { ar: async () => (await import('./ar/chats.ts')).chats }
export const phoneWords: Translations = { ar: async () => (await import('./ar/phone.ts')).phone }
export const tryWords: Translations = { ar: async () => (await import('./ar/try.ts')).tryIt }
