"""What must hold between the parts of a directive and between directives: one module for each kind."""
