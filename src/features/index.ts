export { FeatureHasher } from './feature-hasher.js';
export { ItemCatalogue } from './item-catalogue.js';
