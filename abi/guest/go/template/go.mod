module hello

go 1.21

require millrace.dev/go v0.0.0

replace millrace.dev/go => ../sdk/go
