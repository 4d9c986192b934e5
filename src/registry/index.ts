export { DirectoryRegistry } from './directory-registry.js';
export { HttpRegistry } from './http-registry.js';
