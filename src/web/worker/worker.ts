/**
 * A page's service worker, built once for each of the two: the installed phone, and the browser that stays linked, start
 * without a connection, and say so. Nothing that belongs to a person passes through here: only the paths of the shell are
 * answered, under keys without query or fragment. The companion's has every page of the site in its scope, because its
 * own is at the root of it, and answers for that one alone.
 *
 * A new version waits until no page of the old one is open (no `skipWaiting`), so one page never runs two versions.
 */
import { answerPage, answerPart, isPage, isPart, keepShell, removeOlder } from './shell.ts'

declare const self: ServiceWorkerGlobalScope

self.addEventListener('install', (event) => event.waitUntil(keepShell()))
self.addEventListener('activate', (event) => event.waitUntil(removeOlder()))
self.addEventListener('fetch', (event) => {
  const { request, clientId, resultingClientId } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== self.location.origin) return
  if (request.mode === 'navigate') {
    if (isPage(pathname)) event.respondWith(answerPage(request, resultingClientId))
  } else if (isPart(pathname)) event.respondWith(answerPart(request, pathname, clientId))
})
