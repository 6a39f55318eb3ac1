package synctesting

// GuardsInternals is guardsInternals.
const GuardsInternals = guardsInternals
