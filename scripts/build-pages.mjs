// Bundles the pages' scripts into public/build (ignored by git).
